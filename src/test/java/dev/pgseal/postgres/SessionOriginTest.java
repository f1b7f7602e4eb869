package dev.pgseal.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.NetworkInterface;
import org.junit.jupiter.api.Test;

class SessionOriginTest {

  @Test
  void loopbackAndOurOwnAddressesAreThisMachine() throws Exception {
    assertThat(new SessionOrigin("127.0.0.1", 5432).thisMachine()).isTrue();
    assertThat(new SessionOrigin("localhost", 5432).thisMachine()).isTrue();
    NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .forEach(
            address ->
                assertThat(new SessionOrigin(address.getHostAddress(), 5432).thisMachine())
                    .isTrue());
  }

  @Test
  void anotherHostIsNot() {
    assertThat(new SessionOrigin("192.0.2.1", 5432).thisMachine()).isFalse();
    assertThat(new SessionOrigin("no-such-host.invalid", 5432).thisMachine()).isFalse();
  }

  @Test
  void anIpv6AddressIsBracketed() {
    assertThat(new SessionOrigin("2001:db8::1", 5432)).hasToString("[2001:db8::1]:5432");
    assertThat(new SessionOrigin("db", 5432)).hasToString("db:5432");
  }
}
