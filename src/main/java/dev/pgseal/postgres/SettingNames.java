package dev.pgseal.postgres;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The settings that pgseal reads, and the few it changes. */
final class SettingNames {

  /** Read and changeable alike. */
  private static final List<String> SSL =
      List.of(
          "ssl",
          "ssl_cert_file",
          "ssl_key_file",
          "ssl_ca_file",
          "ssl_crl_file",
          "ssl_crl_dir",
          "ssl_min_protocol_version",
          "ssl_max_protocol_version",
          "ssl_ciphers",
          "ssl_tls13_ciphers",
          "ssl_ecdh_curve",
          "ssl_groups",
          "ssl_prefer_server_ciphers",
          "ssl_dh_params_file",
          "ssl_passphrase_command",
          "ssl_passphrase_command_supports_reload",
          "authentication_timeout",
          "wal_retrieve_retry_interval");

  /** What {@link ServerSettings#read} answers, where the major has it and our role may see it. */
  static final List<String> READ =
      and(
          "ssl_library",
          "ssl_sni",
          "hosts_file",
          "hba_file",
          "ident_file",
          "config_file",
          "data_directory",
          "data_directory_mode",
          "allow_alter_system",
          "synchronous_standby_names",
          "unix_socket_directories",
          "listen_addresses",
          "port",
          "logging_collector",
          "password_encryption",
          "in_hot_standby",
          "server_version_num");

  /** Changed for a moment where our role may; what needs it has another way. */
  private static final String OPTIONAL = "log_min_messages";

  /**
   * What {@link ServerSettings#alterSystem} may change. None of them is a list, whose quoting is
   * another.
   */
  static final Set<String> CHANGEABLE = Set.copyOf(and("primary_conninfo", OPTIONAL));

  private static final Set<String> SINCE_18 = Set.of("ssl_tls13_ciphers", "ssl_groups");

  /**
   * What of {@link #CHANGEABLE} our role must be able to change, as far as the major has it; since
   * 18 ssl_ecdh_curve is another name.
   */
  static List<String> changeable(int major) {
    return CHANGEABLE.stream()
        .filter(name -> !name.equals(OPTIONAL))
        .filter(name -> major >= 18 ? !name.equals("ssl_ecdh_curve") : !SINCE_18.contains(name))
        .toList();
  }

  private SettingNames() {}

  private static List<String> and(String... more) {
    return Stream.concat(SSL.stream(), Stream.of(more)).toList();
  }
}
