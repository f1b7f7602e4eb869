package dev.pgseal;

import dev.pgseal.embedded.StartRefusedException;
import io.smallrye.config.SmallRyeConfig;
import java.util.HashMap;
import java.util.Map;

/** What {@code pgseal.https.*} and {@code pgseal.mtls.*} mean for Quarkus' HTTP server. */
final class HttpsProperties {

  private static final String CERTIFICATE = "pgseal.https.certificate-file";
  private static final String KEY = "pgseal.https.key-file";
  private static final String CLIENT_AUTHORITY = "pgseal.mtls.authority-file";
  private static final String INSECURE_REQUESTS = "quarkus.http.insecure-requests";

  private HttpsProperties() {}

  /**
   * @return to be set before Quarkus starts; empty when HTTPS is off
   * @throws StartRefusedException when one is given without what it needs
   */
  static Map<String, String> of(SmallRyeConfig config) {
    boolean certificate = given(config, CERTIFICATE);
    if (certificate != given(config, KEY)) {
      throw new StartRefusedException(CERTIFICATE + " and " + KEY + " go together.");
    }
    if (!certificate) {
      if (given(config, CLIENT_AUTHORITY)) {
        throw new StartRefusedException(
            CLIENT_AUTHORITY + " needs HTTPS on the API itself: " + CERTIFICATE + ".");
      }
      return Map.of();
    }
    Map<String, String> properties = new HashMap<>();
    properties.put("quarkus.http.tls-configuration-name", "pgseal");
    if (!given(config, INSECURE_REQUESTS)) {
      properties.put(INSECURE_REQUESTS, "disabled");
    }
    return properties;
  }

  private static boolean given(SmallRyeConfig config, String property) {
    return config.getOptionalValue(property, String.class).isPresent();
  }
}
