package dev.pgseal;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import dev.pgseal.store.Resealing;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The arrows of ARCHITECTURE.md: which package may know which, and who may use which library. */
class ArchitectureTest {

  private static final String ROOT = "dev.pgseal";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  /** For each package all others of ours that it may know. */
  private static final Map<String, Set<String>> ARROWS =
      Map.ofEntries(
          Map.entry("problem", Set.of()),
          Map.entry("hba", Set.of("problem")),
          Map.entry("certificate", Set.of("problem")),
          Map.entry("server", Set.of("problem")),
          Map.entry("job", Set.of("audit", "problem")),
          Map.entry("egress", Set.of("problem")),
          Map.entry("security", Set.of("problem")),
          Map.entry("audit", Set.of("problem")),
          Map.entry("idempotency", Set.of("security", "job", "problem")),
          Map.entry("postgres", Set.of("egress", "server", "problem")),
          Map.entry("issuing", Set.of("certificate", "server", "problem")),
          Map.entry("acme", Set.of("issuing", "certificate", "problem")),
          Map.entry(
              "tls", Set.of("issuing", "hba", "certificate", "postgres", "server", "problem")),
          Map.entry(
              "rollout",
              Set.of(
                  "tls", "issuing", "hba", "certificate", "postgres", "server", "job", "problem")),
          Map.entry(
              "lifecycle",
              Set.of(
                  "rollout",
                  "tls",
                  "issuing",
                  "hba",
                  "certificate",
                  "postgres",
                  "server",
                  "job",
                  "problem")),
          Map.entry(
              "posture",
              Set.of(
                  "tls", "issuing", "hba", "certificate", "postgres", "server", "job", "problem")),
          Map.entry("webhook", Set.of("egress", "job", "problem")),
          Map.entry(
              "api",
              Set.of(
                  "posture",
                  "webhook",
                  "egress",
                  "lifecycle",
                  "rollout",
                  "tls",
                  "issuing",
                  "hba",
                  "certificate",
                  "postgres",
                  "server",
                  "job",
                  "security",
                  "idempotency",
                  "audit",
                  "problem")),
          Map.entry(
              "store",
              Set.of(
                  "posture",
                  "webhook",
                  "tls",
                  "issuing",
                  "certificate",
                  "server",
                  "job",
                  "security",
                  "idempotency",
                  "audit",
                  "problem")),
          Map.entry("embedded", Set.of("problem")),
          // another program: it knows the service by its API only
          Map.entry("demo", Set.of("embedded")));

  static Stream<String> packages() {
    return ARROWS.keySet().stream().sorted();
  }

  @Test
  void everyPackageHasItsArrows() {
    Set<String> found =
        CLASSES.getPackage(ROOT).getSubpackages().stream()
            .map(JavaPackage::getRelativeName)
            .collect(Collectors.toSet());

    assertThat(ARROWS.keySet()).containsAll(found);
  }

  @ParameterizedTest
  @MethodSource("packages")
  void arrowsPointDownOnly(String name) {
    String[] allowed =
        Stream.concat(Stream.of(name), ARROWS.get(name).stream())
            .map(ArchitectureTest::inside)
            .toArray(String[]::new);

    noClasses()
        .that()
        .resideInAPackage(inside(name))
        .should()
        .dependOnClassesThat(resideInAPackage(ROOT + "..").and(not(resideInAnyPackage(allowed))))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void thereAreNoCycles() {
    SlicesRuleDefinition.slices()
        .matching(ROOT + ".(*)..")
        .should()
        .beFreeOfCycles()
        .check(CLASSES);
  }

  @ParameterizedTest
  @CsvSource({
    "jakarta.ws.rs.., api",
    "org.jdbi.., store",
    "org.flywaydb.., store",
    "org.postgresql.., postgres",
    "org.bouncycastle.., certificate",
    "com.github.kagkarlsson.., job",
    "com.github.difflib.., hba",
    "org.shredzone.acme4j.., acme",
    "io.github.bucket4j.., security",
    "io.quarkiverse.resteasy.., api"
  })
  void onePackageAloneUsesThisLibrary(String library, String only) {
    noClasses()
        .that(are(not(resideInAPackage(inside(only)))))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(CLASSES);
  }

  @Test
  void onlyPostgresTalksToServersOverSockets() {
    noClasses()
        .that(are(not(resideInAnyPackage(inside("postgres"), inside("embedded"), inside("demo")))))
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.net.Socket")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("javax.net.ssl.SSLSocket")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.sql.DriverManager")
        .check(CLASSES);
  }

  @ParameterizedTest
  @CsvSource({"hba", "certificate", "problem"})
  void thePureOnesKnowNoFramework(String name) {
    noClasses()
        .that()
        .resideInAPackage(inside(name))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.quarkus..", "jakarta..", "io.smallrye..", "java.sql..")
        .check(CLASSES);
  }

  @Test
  void whatIsInsideAStoreStaysInside() {
    classes()
        .that()
        .resideInAPackage(inside("store"))
        .and(
            // the command line works without CDI
            are(not(JavaClass.Predicates.belongToAnyOf(Resealing.class))))
        .should()
        .notBePublic()
        .check(CLASSES);
  }

  @Test
  void everyPackageIsNullMarked() {
    List<String> unmarked =
        CLASSES.stream()
            .map(JavaClass::getPackage)
            .distinct()
            .filter(p -> !p.isAnnotatedWith(NullMarked.class))
            .map(JavaPackage::getName)
            .toList();

    assertThat(unmarked).isEmpty();
  }

  @Test
  void noPackageIsABagOfHelpers() {
    noClasses()
        .should()
        .resideInAnyPackage("..util..", "..utils..", "..common..", "..helper..", "..misc..")
        .check(CLASSES);
  }

  private static String inside(String name) {
    return ROOT + "." + name + "..";
  }
}
