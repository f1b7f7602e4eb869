package dev.pgseal.rollout;

import dev.pgseal.postgres.Encryption;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.tls.Drain;
import dev.pgseal.tls.StragglerScan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Sessions as the steps of a job tell of them. */
final class SessionReport {

  private SessionReport() {}

  /** A session that is there. */
  static Map<String, Object> of(ServerConnection connection) {
    Map<String, Object> told = client(connection);
    told.put("pid", connection.pid());
    put(told, "transactionStart", connection.transactionStart());
    return told;
  }

  /** Who was ended, and whether that cost a transaction. */
  static Map<String, Object> of(Drain.Ended ended) {
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("username", ended.username());
    told.put("applicationName", ended.applicationName());
    put(told, "clientAddress", ended.clientAddress());
    told.put("pid", ended.pid());
    told.put("result", ended.result().name());
    put(told, "transactionAge", ended.transactionAge());
    return told;
  }

  /** Sessions in plaintext that the rules spare. */
  static long excepted(List<ServerConnection> all, Predicate<ServerConnection> refused) {
    return all.stream().filter(StragglerScan.PLAINTEXT.and(refused.negate())).count();
  }

  /** User, application and address of those that fit, with their number of sessions. */
  static List<Map<String, Object>> clients(
      List<ServerConnection> all, Predicate<ServerConnection> which) {
    Map<Map<String, Object>, Long> counted =
        all.stream()
            .filter(which)
            .collect(
                Collectors.groupingBy(
                    SessionReport::client, LinkedHashMap::new, Collectors.counting()));
    return counted.entrySet().stream()
        .map(
            entry -> {
              Map<String, Object> told = new LinkedHashMap<>(entry.getKey());
              told.put("sessions", entry.getValue());
              return told;
            })
        .toList();
  }

  static Map<Encryption, Long> byEncryption(List<ServerConnection> all) {
    return all.stream()
        .collect(Collectors.groupingBy(ServerConnection::encryption, Collectors.counting()));
  }

  static Map<String, Object> client(ServerConnection connection) {
    Map<String, Object> told = new LinkedHashMap<>();
    put(told, "username", connection.username());
    put(told, "applicationName", connection.applicationName());
    put(told, "clientAddress", connection.clientAddress());
    return told;
  }

  private static void put(Map<String, Object> told, String name, @Nullable Object value) {
    if (value != null) {
      told.put(name, value instanceof Number ? value : value.toString());
    }
  }
}
