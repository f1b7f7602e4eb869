package dev.pgseal.it;

import dev.pgseal.security.TinkSecrets;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The private keys that the service keeps sealed, opened with its key set behind the API. */
final class SealedKeys {

  private static final String KEYS =
      """
      select 'authority ' || name, 'authority/' || name || '/key', private_key from authority
      union all
      select 'other generation of ' || authority, 'authority/' || authority || '/key', private_key
        from authority_rotation
      union all
      select 'canary of ' || authority || ' ' || number,
             'revocation-list/' || issuer || '/canary', canary_key
        from revocation_list
      """;

  private SealedKeys() {}

  /** PEM by what it is the key of. */
  static Map<String, String> open(Application application) throws SQLException {
    TinkSecrets secrets = TinkSecrets.from(application.keyset());
    Map<String, String> keys = new LinkedHashMap<>();
    try (Connection database = application.controlDatabase().connect();
        var statement = database.createStatement();
        var rows = statement.executeQuery(KEYS)) {
      while (rows.next()) {
        byte[] key = secrets.open(rows.getBytes(3), rows.getString(2));
        keys.put(rows.getString(1), new String(key, StandardCharsets.US_ASCII));
      }
    }
    return keys;
  }
}
