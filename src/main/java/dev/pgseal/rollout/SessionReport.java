package dev.pgseal.rollout;

import dev.pgseal.tls.Drain;
import java.util.LinkedHashMap;
import java.util.Map;

/** Sessions as the steps of a job tell of them. */
final class SessionReport {

  private SessionReport() {}

  /** Who was ended, and whether that cost a transaction. */
  static Map<String, Object> of(Drain.Ended ended) {
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("pid", ended.pid());
    told.put("username", ended.username());
    told.put("applicationName", ended.applicationName());
    if (ended.clientAddress() != null) {
      told.put("clientAddress", ended.clientAddress());
    }
    told.put("result", ended.result().name());
    if (ended.transactionAge() != null) {
      told.put("transactionAge", ended.transactionAge().toString());
    }
    return told;
  }
}
