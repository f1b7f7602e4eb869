package dev.pgseal.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EgressRuleTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "169.254.169.254",
        "169.254.0.1",
        "169.254.255.255",
        "fe80::1",
        "febf::1",
        "fd00:ec2::254",
        "224.0.0.1",
        "239.255.255.255",
        "255.255.255.255",
        "ff02::1",
        "0.0.0.0",
        "0.1.2.3",
        "::",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::169.254.169.254",
        "2002:a9fe:a9fe::1"
      })
  void anAddressThatNobodyShouldNameIsRefused(String address) throws UnknownHostException {
    assertThat(EgressRule.DEFAULT.refusal(InetAddress.getByName(address))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "::1",
        "10.0.0.1",
        "169.253.255.255",
        "169.255.0.0",
        "192.0.2.7",
        "223.255.255.255",
        "2001:db8::1",
        "fec0::1",
        "fd00:ec2::253",
        "64:ff9b::192.0.2.7",
        "2002:c000:0207::1"
      })
  void anyOtherAddressIsAllowed(String address) throws UnknownHostException {
    assertThat(EgressRule.DEFAULT.refusal(InetAddress.getByName(address))).isEmpty();
  }

  @Test
  void aConfiguredNetworkIsRefusedAndNamed() throws UnknownHostException {
    EgressRule rule = new EgressRule(List.of(Network.parse("10.0.0.0/8")), List.of());

    assertThat(rule.refusal(InetAddress.getByName("10.255.0.1")))
        .hasValueSatisfying(why -> assertThat(why).contains("10.0.0.0/8"));
    assertThat(rule.refusal(InetAddress.getByName("11.0.0.1"))).isEmpty();
  }

  @Test
  void withEverythingDeniedOnlyTheExceptionsAreLeft() throws UnknownHostException {
    EgressRule rule =
        new EgressRule(
            List.of(Network.parse("0.0.0.0/0"), Network.parse("::/0")),
            List.of(Network.parse("192.0.2.0/25")));

    assertThat(rule.refusal(InetAddress.getByName("192.0.2.127"))).isEmpty();
    assertThat(rule.refusal(InetAddress.getByName("192.0.2.128"))).isPresent();
    assertThat(rule.refusal(InetAddress.getByName("2001:db8::1"))).isPresent();
  }

  @Test
  void anExceptionOpensLinkLocalButNeverMulticast() throws UnknownHostException {
    EgressRule rule =
        new EgressRule(
            List.of(), List.of(Network.parse("fe80::/10"), Network.parse("224.0.0.0/4")));

    assertThat(rule.refusal(InetAddress.getByName("fe80::1"))).isEmpty();
    assertThat(rule.refusal(InetAddress.getByName("224.0.0.1"))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/x",
        "",
        "/8",
        "300.1.1.1",
        "::/129",
        "example.org/8"
      })
  void whatIsNoNetworkIsRefusedWithoutALookup(String text) {
    assertThatThrownBy(() -> Network.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
