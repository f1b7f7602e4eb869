package dev.pgseal.fuzz;

import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * All of a server that an API caller could change: each file in the data directory that is not
 * PostgreSQL's own bookkeeping (the configuration, certificates, keys, links), the settings in
 * force, roles with their password hashes, memberships, databases, and rules as loaded.
 */
final class Snapshot {

  /** Tables and the write-ahead log, which move with every checkpoint. */
  private static final String BOOKKEEPING =
      "base|global|pg_.*|postmaster\\.(pid|opts)|log|PG_VERSION";

  private static final Map<String, String> QUERIES =
      Map.of(
          "settings",
          "select string_agg(concat_ws('|', name, setting, source, sourcefile, sourceline,"
              + " pending_restart), E'\\n' order by name) from pg_settings where source <>"
              + " 'client' and name not in ('transaction_isolation', 'transaction_read_only')",
          "roles",
          "select string_agg(a::text, E'\\n' order by rolname) from pg_authid a",
          "memberships",
          "select string_agg(concat_ws('|', roleid, member), E'\\n' order by roleid, member) from"
              + " pg_auth_members",
          "role settings",
          "select string_agg(s::text, E'\\n' order by setdatabase, setrole) from"
              + " pg_db_role_setting s",
          "databases",
          "select string_agg(concat_ws('|', datname, datdba, datacl), E'\\n' order by datname) from"
              + " pg_database",
          "tables",
          "select string_agg(concat_ws('|', oid, relname), E'\\n' order by oid) from pg_class where"
              + " relkind in ('r', 'v', 'f') and relpersistence = 'p'",
          "rules",
          "select string_agg(r::text, E'\\n' order by line_number) from pg_hba_file_rules r");

  private Snapshot() {}

  static Map<String, String> of(PostgresServer server) {
    Map<String, String> state = new TreeMap<>();
    QUERIES.forEach((name, sql) -> state.put(name, String.valueOf(server.query(sql))));
    Path data = server.dataDirectory();
    try (Stream<Path> files = Files.walk(data)) {
      files
          .filter(file -> !file.equals(data))
          .filter(file -> !isBookkeeping(data.relativize(file).getName(0).toString()))
          .forEach(file -> state.put(data.relativize(file).toString(), content(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return state;
  }

  private static boolean isBookkeeping(String name) {
    return name.matches(BOOKKEEPING) && !name.matches("pg_(hba|ident)\\.conf");
  }

  private static String content(Path file) {
    try {
      if (Files.isSymbolicLink(file)) {
        return "-> " + Files.readSymbolicLink(file);
      }
      String mode = Files.getPosixFilePermissions(file).toString();
      if (Files.isDirectory(file)) {
        return "directory " + mode;
      }
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return mode + " " + HexFormat.of().formatHex(hash);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
