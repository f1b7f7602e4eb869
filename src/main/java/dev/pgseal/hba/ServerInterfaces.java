package dev.pgseal.hba;

import java.util.List;

/** The server's network interfaces, for {@code samehost} and {@code samenet}. */
public record ServerInterfaces(List<HbaAddress.Network> networks) {

  public ServerInterfaces {
    networks = List.copyOf(networks);
  }
}
