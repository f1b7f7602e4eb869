package dev.pgseal.it;

import static io.restassured.RestAssured.given;

import dev.pgseal.testing.ActivitySampler;
import dev.pgseal.testing.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where a private key could turn up, as texts by their names. */
final class Places {

  static final String SERVICE_LOG = "pgseal's log";
  static final String ANSWERS = "answers of the API";
  static final String JOBS = "jobs and their events";
  static final String TABLES = "tables of the control database";
  static final String CONTROL_LOG = "log of the control database";

  private Places() {}

  /** Of a managed server. */
  static Map<String, String> of(String name, PostgresServer server, ActivitySampler activity) {
    Map<String, String> places = new LinkedHashMap<>();
    places.put("pg_stat_activity of " + name, activity.sampleNow());
    places.put("pg_stat_statements of " + name, server.statements());
    places.put("log of " + name, server.log());
    return places;
  }

  /**
   * Of the service.
   *
   * @param answers what it has answered to all calls
   */
  static Map<String, String> of(Application application, List<String> answers) throws SQLException {
    Map<String, String> places = new LinkedHashMap<>();
    places.put(JOBS, jobs());
    places.put(ANSWERS, String.join("\n", List.copyOf(answers)));
    places.put(TABLES, tables(application.controlDatabase()));
    places.put(CONTROL_LOG, application.controlDatabase().log());
    places.put(SERVICE_LOG, application.replica().log());
    return places;
  }

  private static String jobs() {
    List<String> texts = new ArrayList<>();
    List<String> ids =
        given().queryParam("pageSize", 100).get("/v1/jobs").then().extract().path("jobs.id");
    for (String id : ids) {
      texts.add(given().get("/v1/jobs/" + id).asString());
      texts.add(given().accept("text/event-stream").get("/v1/jobs/" + id + "/events").asString());
    }
    return String.join("\n", texts);
  }

  /** Every row of every table, as a dump would have it. */
  private static String tables(PostgresServer database) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = database.connect();
        var statement = connection.createStatement()) {
      List<String> tables = new ArrayList<>();
      try (var names =
          statement.executeQuery(
              "select format('%I.%I', table_schema, table_name) from information_schema.tables"
                  + " where table_type = 'BASE TABLE'"
                  + " and table_schema not in ('pg_catalog', 'information_schema')")) {
        while (names.next()) {
          tables.add(names.getString(1));
        }
      }
      for (String table : tables) {
        try (var content = statement.executeQuery("select t::text from " + table + " t")) {
          while (content.next()) {
            rows.add(table + " " + content.getString(1));
          }
        }
      }
    }
    return String.join("\n", rows);
  }
}
