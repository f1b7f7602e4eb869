package dev.pgseal.hba;

import java.util.Set;

/** One {@code name=value} behind the method; of two with one name the later wins. Byte texts. */
public record HbaOption(String name, String value) {

  static final Set<String> SECRETS = Set.of("ldapbindpasswd", "radiussecrets");
  static final String MASK = "********";

  /** Whether the value must not be shown to everybody who may see the rule. */
  public boolean isSecret() {
    return SECRETS.contains(name);
  }

  /** The value for people, a secret masked. */
  public String shownValue() {
    return isSecret() ? MASK : HbaText.toReadable(value);
  }

  /** Masks a secret: records end up in logs. */
  @Override
  public String toString() {
    return name + "=" + (isSecret() ? MASK : value);
  }
}
