package dev.pgseal.bench;

import java.util.List;

/** What every certificate of the benchmark is for. */
final class Names {

  static final List<String> ENDPOINTS = List.of("db1.example.com", "db1.internal", "10.0.0.5");

  private Names() {}
}
