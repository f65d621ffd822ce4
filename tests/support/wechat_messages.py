"""What the Official Account platform says with each error code, and how many calls a day it takes."""

MESSAGES = {-1: "system error", 40001: "invalid credential", 40005: "invalid file type", 40007: "invalid media_id",
            40009: "invalid image size", 40013: "invalid appid", 40125: "invalid appsecret",
            40164: "invalid ip, not in whitelist", 45002: "content size out of limit", 45003: "title size out of limit",
            42001: "access_token expired", 53503: "draft did not pass the publishing check",
            45009: "reach max api daily quota limit",
            48001: "api unauthorized", 53600: "Article ID is invalid"}  # fmt: skip
QUOTAS = {"/cgi-bin/draft/add": 1000, "/cgi-bin/freepublish/submit": 100, "/cgi-bin/freepublish/get": 100,
          "/cgi-bin/freepublish/delete": 10, "/cgi-bin/freepublish/getarticle": 100}  # fmt: skip
