package dev.pgseal.tls;

import java.util.Optional;

/**
 * One way to write a libpq connection string. A change touches the bytes of the keyword concerned
 * and leaves every other byte as its owner wrote it.
 */
interface ConninfoText {

  /** What libpq would take: of a keyword that stands there twice, the last. */
  Optional<String> get(String keyword);

  ConninfoText with(String keyword, String value);

  /** Without any of the places that give it. */
  ConninfoText without(String keyword);

  /** The whole string, secrets included. */
  String text();
}
