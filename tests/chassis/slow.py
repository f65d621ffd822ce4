"""Answers after some seconds with a text of some size: what a long calculation looks like from outside."""

import json
import sys
import time

if __name__ == "__main__":
    order = json.load(sys.stdin)
    time.sleep(order["seconds"])
    sys.stdout.write(json.dumps({"text": "x" * order["size"]}))
