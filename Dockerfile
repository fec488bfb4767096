# Dockerfile - maitred on Debian 12: one stage builds it, the other holds what it needs to run.
FROM debian:bookworm-slim AS build
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update -q && apt-get install -qy --no-install-recommends make
WORKDIR /src
COPY Makefile ./
RUN make build-deps
COPY gateway/console/package.json gateway/console/package-lock.json gateway/console/
RUN make gateway/console/node_modules/.package-lock.json
COPY . .
RUN make -j"$(nproc)" all && make library-packages >build/packages

FROM debian:bookworm-slim
COPY --from=build /src/build/packages /tmp/
# pg_dump, pg_restore and age are for backups
RUN apt-get update -q \
	&& DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends \
		age ca-certificates postgresql-client $(cat /tmp/packages) \
	&& rm -rf /var/lib/apt/lists/* /tmp/packages \
	&& useradd --system --no-create-home --shell /usr/sbin/nologin maitred
COPY --from=build /src/build/maitred /usr/local/bin/maitred
USER maitred
# It listens on $PORT, writes nothing to disk, and takes all else from the environment.
CMD ["maitred", "serve", "--setup"]
