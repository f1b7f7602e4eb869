package dev.pgseal.issuing;

import java.util.Map;

/**
 * An account with a CA outside.
 *
 * @param settings what may be shown: where the CA is, which account
 * @param secret the account's key and other credentials, in a form of the protocol's own; never
 *     shown
 */
public record ExternalAccount(Map<String, String> settings, byte[] secret) {

  public ExternalAccount {
    settings = Map.copyOf(settings);
  }

  @Override
  public String toString() {
    return "ExternalAccount" + settings;
  }
}
