# The image of Pharos: one binary, no shell, nobody's root.
#
#   docker build --tag pharos .                                   compiles it here
#   docker build --tag pharos --build-arg BINARY=outside .        takes dist/amd64/pharos or dist/arm64/pharos
#
# It wants BuildKit, which Docker has used by itself since 23 (before: DOCKER_BUILDKIT=1). A release names the two
# base images by digest: docs/operations.md says how.
ARG RUST_IMAGE=docker.io/library/rust:1.95-bookworm
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12:nonroot
ARG BINARY=compiled

# Everything that does not change with our own code: a layer that is made again only when Cargo.lock is another.
FROM ${RUST_IMAGE} AS dependencies
WORKDIR /build
ARG PROFILE=dist
# Relocations in the short form, which the C library of Debian 12 reads: three megabytes less.
ARG RUSTFLAGS="-C link-arg=-Wl,-z,pack-relative-relocs"
COPY Cargo.toml Cargo.lock ./
COPY app/Cargo.toml app/
COPY loadtests/Cargo.toml loadtests/
RUN mkdir -p app/src app/benches loadtests/src \
  && for main in app/src/main.rs app/benches/page.rs loadtests/src/floor.rs loadtests/src/main.rs; do echo 'fn main() {}' >"$main"; done \
  && touch app/src/lib.rs
RUN --mount=type=cache,target=/usr/local/cargo/registry \
  cargo build --locked --profile "$PROFILE" --package pharos --bin pharos

FROM dependencies AS compiled
COPY app app
# Cargo tells by times whether a file has changed, and these may be older than the ones that stood in for them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
  find app/src -name '*.rs' -exec touch {} + \
  && cargo build --locked --profile "$PROFILE" --package pharos --bin pharos \
  && cp "target/$(test "$PROFILE" = dev && echo debug || echo "$PROFILE")/pharos" /pharos

FROM scratch AS outside
ARG TARGETARCH
COPY dist/${TARGETARCH}/pharos /pharos

FROM ${BINARY} AS binary

FROM ${RUNTIME_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=unknown
ARG SOURCE=unknown
ARG RUNTIME_IMAGE
LABEL org.opencontainers.image.title="Pharos" \
  org.opencontainers.image.description="A self-hosted status page that stays lit when everything else goes dark" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="$VERSION" \
  org.opencontainers.image.revision="$REVISION" \
  org.opencontainers.image.created="$CREATED" \
  org.opencontainers.image.source="$SOURCE" \
  org.opencontainers.image.base.name="$RUNTIME_IMAGE"
COPY --from=binary --chmod=0555 /pharos /usr/local/bin/pharos
ENV PHAROS_LISTEN=0.0.0.0:8080 \
  PHAROS_METRICS_LISTEN=0.0.0.0:9464 \
  PHAROS_STATE_DIR=/var/lib/pharos
USER 65532:65532
# An empty folder of that user's, which needs no shell to be made. Without another address, the database is a file in it;
# no variable says so, since that would outweigh a file of settings.
WORKDIR /var/lib/pharos
VOLUME /var/lib/pharos
EXPOSE 8080 9464
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 CMD ["/usr/local/bin/pharos", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/pharos"]
CMD ["serve"]
