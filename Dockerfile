# One image for every service; which one it is says the command: `up participation`, `up console`, ...
# BASE may be any CPython 3.11 image: the registry's, or the one that deploy/debian/build makes.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS packages
# What this machine needs to reach a package index (deploy/build-context/README); it stays in this stage.
COPY deploy/build-context/ requirements.lock /context/
RUN cd /context \
    && if [ -s pip.conf ]; then export PIP_CONFIG_FILE=/context/pip.conf; fi \
    && if [ -s ca.pem ]; then export PIP_CERT=/context/ca.pem; fi \
    && python3 -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --only-binary=:all: \
        --require-hashes --requirement requirements.lock \
    && /venv/bin/pip uninstall --yes --quiet setuptools pip \
    && find /venv -type d -name tests -prune -exec rm -rf {} +
COPY . /app
RUN rm -rf /app/deploy /app/requirements.lock \
    && printf '#!/venv/bin/python\nfrom cli.main import main\nmain()\n' >/venv/bin/qihang \
    && chmod 755 /venv/bin/qihang \
    && echo /app >/venv/lib/python3.11/site-packages/qihang.pth \
    && /venv/bin/python -m compileall -q -j 0 /app

FROM ${BASE}
# The fonts of anthologies; bases of deploy/debian bring them, the registry's does not.
RUN test -d /usr/share/fonts/opentype/noto \
    || (apt-get update -qq && apt-get install -qq -y --no-install-recommends fonts-noto-cjk && rm -rf /var/lib/apt/lists/*)
# Nine faces for symbols and the scripts of minorities; the rest of their package stays out (OFL 1.1).
RUN faces="NotoSerif NotoSerifTibetan NotoSansMongolian NotoSansYi NotoNaskhArabic NotoSansArabic NotoSansMath \
        NotoSansSymbols NotoSansSymbols2" folder=/usr/share/fonts/truetype/noto \
    && if ! test -d "$folder"; then \
        cd /tmp && apt-get update -qq && apt-get download -qq fonts-noto-core && mkdir -p "$folder" \
        && dpkg-deb -x fonts-noto-core_*.deb noto && for face in $faces; do \
            install -m 644 "noto$folder/$face-Regular.ttf" "$folder/"; done \
        && rm -rf noto fonts-noto-core_*.deb /var/lib/apt/lists/*; fi \
    && cd "$folder" && for file in *; do \
        case " $faces " in *" ${file%-Regular.ttf} "*) ;; *) rm -f "$file" ;; esac; done
RUN groupadd --system --gid 10001 qihang \
    && useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/qihang --shell /usr/sbin/nologin qihang \
    && install -d -o qihang -g qihang -m 700 /var/lib/qihang /var/lib/qihang-heads
COPY --from=packages /venv /venv
COPY --from=packages /app /app
ENV PATH=/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    QIHANG_DATA=/var/lib/qihang \
    QIHANG_HTTP_HOST=0.0.0.0
USER qihang
WORKDIR /var/lib/qihang
VOLUME /var/lib/qihang
ENTRYPOINT ["qihang"]
CMD ["--help"]
