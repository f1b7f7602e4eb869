package dev.pgseal.hba;

import java.net.InetAddress;

/** The address field of a {@code host…} record. */
public sealed interface HbaAddress {

  /** Any IPv4 or IPv6 address. */
  record All() implements HbaAddress {}

  /** Any address of the server's own interfaces, enumerated at connect time. */
  record SameHost() implements HbaAddress {}

  /** Any address of a subnet of the server's interfaces, enumerated at connect time. */
  record SameNet() implements HbaAddress {}

  /**
   * Addresses that agree with {@code ip} in the bits of {@code mask} (any bit pattern). Both are of
   * one family, and only clients of that family match: a mapped IPv4 address written as IPv6
   * matches nothing.
   */
  record Network(InetAddress ip, InetAddress mask) implements HbaAddress {

    boolean contains(InetAddress client) {
      byte[] c = client.getAddress();
      byte[] a = ip.getAddress();
      byte[] m = mask.getAddress();
      if (c.length != a.length) {
        return false;
      }
      for (int i = 0; i < c.length; i++) {
        if (((c[i] ^ a[i]) & m[i]) != 0) {
          return false;
        }
      }
      return true;
    }
  }

  /** A host name, or with a leading dot a suffix of one; decided by DNS at connect time. */
  record HostName(String name) implements HbaAddress {

    /** hostname_match of hba.c: case-insensitive, whole or suffix. */
    boolean matches(String clientHostName) {
      if (!name.startsWith(".")) {
        return name.equalsIgnoreCase(clientHostName);
      }
      int from = clientHostName.length() - name.length();
      return from >= 0 && clientHostName.regionMatches(true, from, name, 0, name.length());
    }
  }
}
