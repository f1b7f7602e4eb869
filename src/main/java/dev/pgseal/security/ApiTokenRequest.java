package dev.pgseal.security;

import io.quarkus.security.identity.request.BaseAuthenticationRequest;

/** Asks who the owner of an API token is, of one that pgseal made itself. */
final class ApiTokenRequest extends BaseAuthenticationRequest {

  private final String value;

  ApiTokenRequest(String value) {
    this.value = value;
  }

  String value() {
    return value;
  }
}
