package dev.pgseal.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.support.ParameterDeclarations;

/**
 * A test that runs once for each supported major of PostgreSQL, its {@code int} parameter: 14 to
 * 18, or those of {@code -Dpgseal.test.majors=14,18}.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "PostgreSQL {0}")
@ArgumentsSource(PostgresMajors.Provider.class)
public @interface PostgresMajors {

  /** The newest supported major. Tests that need only one take {@link PostgresServer#latest()}. */
  int LATEST = 18;

  /** The oldest supported major. */
  int OLDEST = 14;

  /** For {@link ArgumentsSource}. */
  final class Provider implements ArgumentsProvider {

    /** The majors that this run tests. */
    public static List<Integer> tested() {
      String majors = System.getProperty("pgseal.test.majors", "14,15,16,17,18");
      return Arrays.stream(majors.split(",")).map(String::strip).map(Integer::valueOf).toList();
    }

    @Override
    public Stream<Arguments> provideArguments(
        ParameterDeclarations parameters, ExtensionContext context) {
      return tested().stream().map(Arguments::of);
    }
  }
}
