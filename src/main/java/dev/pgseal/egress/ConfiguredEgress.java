package dev.pgseal.egress;

import io.quarkus.runtime.Startup;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;

/** The {@link EgressRule} of the configuration; a network that is none ends the start. */
@Singleton
@Startup
class ConfiguredEgress {

  private final EgressRule rule;

  ConfiguredEgress(EgressConfig config) {
    this.rule =
        new EgressRule(
            networks(config.deny().orElse(List.of())), networks(config.allow().orElse(List.of())));
  }

  @Produces
  @Singleton
  EgressRule rule() {
    return rule;
  }

  private static List<Network> networks(List<String> texts) {
    return texts.stream().map(Network::parse).toList();
  }
}
