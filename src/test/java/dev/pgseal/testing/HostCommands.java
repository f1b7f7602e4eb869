package dev.pgseal.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * A test of a server whose host has not the usual commands. The commands of an image are what they
 * are, so {@code -Pcontainers} leaves it out.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("host-commands")
public @interface HostCommands {

  /** How they differ. */
  String value();
}
