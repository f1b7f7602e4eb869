package dev.pgseal.api;

import dev.pgseal.security.Role;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.HbaLoader;
import dev.pgseal.tls.HbaRules;
import dev.pgseal.tls.RulesChange;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;

/** Rules as they are answered: what the caller may see of them, and their tag. */
@ApplicationScoped
class HbaAnswers {

  private final HbaRules rules;
  private final Caller caller;

  HbaAnswers(HbaRules rules, Caller caller) {
    this.rules = rules;
    this.caller = caller;
  }

  Response of(HbaLoader.Loaded loaded) {
    return tagged(Response.ok(HbaView.of(loaded, caller.has(Role.OPERATOR))), loaded.tag());
  }

  /** After a change: the rules as they lie there now, under the tag of what was written. */
  Response of(ManagedServer server, RulesChange.Applied applied) {
    return tagged(
        Response.ok(HbaView.of(rules.read(server), caller.has(Role.OPERATOR))), applied.tag());
  }

  static Response tagged(Response.ResponseBuilder response, String tag) {
    return response.header("ETag", EntityTags.quote(tag)).build();
  }
}
