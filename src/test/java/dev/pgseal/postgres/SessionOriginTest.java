package dev.pgseal.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SessionOriginTest {

  @Test
  void anIpv6AddressIsBracketed() {
    assertThat(new SessionOrigin("2001:db8::1", 5432)).hasToString("[2001:db8::1]:5432");
    assertThat(new SessionOrigin("db", 5432)).hasToString("db:5432");
  }
}
