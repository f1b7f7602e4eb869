package dev.pgseal.api;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.pgseal.issuing.CertificateInstallationStore;
import dev.pgseal.issuing.CertificateRecordStore;
import dev.pgseal.job.JobEngine;
import dev.pgseal.job.JobStore;
import dev.pgseal.posture.PostureStore;
import dev.pgseal.security.Role;
import dev.pgseal.server.ServerStore;
import dev.pgseal.tls.ServerAccess;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.HttpMethod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.junit.jupiter.api.Test;

/** The roles at the operations against the tables, and the one way to servers, jobs and records. */
class AccessTest {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.pgseal.api");

  private static final DescribedPredicate<JavaMethod> OPERATIONS =
      DescribedPredicate.describe(
          "operations",
          method ->
              method.getAnnotations().stream()
                  .anyMatch(a -> a.getRawType().isAnnotatedWith(HttpMethod.class)));

  @Test
  void everyOperationSaysWhoMayCallIt() {
    methods()
        .that(OPERATIONS)
        .should()
        .beAnnotatedWith(RolesAllowed.class)
        .orShould()
        .beAnnotatedWith(PermitAll.class)
        .check(CLASSES);
  }

  @Test
  void theTableOfTheTestsIsWhatTheAnnotationsSay() throws IOException {
    Map<String, List<String>> rows = new TreeMap<>();
    for (String line :
        Files.readAllLines(Path.of("src/test/resources/access-matrix.csv")).stream()
            .skip(1)
            .toList()) {
      List<String> cells = List.of(line.split(","));
      rows.put(cells.get(0), cells.subList(1, cells.size()));
    }

    assertThat(rows).isEqualTo(annotated("yes", "no"));
  }

  @Test
  void theTableOfTheDocumentationIsWhatTheAnnotationsSay() throws IOException {
    Map<String, List<String>> rows = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of("docs/access.md"))) {
      if (line.startsWith("| `") && line.split("\\|").length == 7) {
        List<String> cells = Stream.of(line.split("\\|")).skip(1).map(String::strip).toList();
        rows.put(cells.get(0).replace("`", ""), cells.subList(1, cells.size()));
      }
    }

    assertThat(rows).isEqualTo(annotated("yes", "–"));
  }

  /** For each operation id: anonymous, then each role. */
  private static Map<String, List<String>> annotated(String yes, String no) {
    Map<String, List<String>> rows = new TreeMap<>();
    for (JavaMethod method : operations().filter(m -> !operation(m).hidden()).toList()) {
      boolean everybody = method.isAnnotatedWith(PermitAll.class);
      Set<String> allowed =
          everybody
              ? Set.of(Role.Name.VIEWER)
              : Set.of(method.getAnnotationOfType(RolesAllowed.class).value());
      List<String> row =
          Stream.concat(
                  Stream.of(everybody),
                  Stream.of(Role.values())
                      .map(
                          role ->
                              Role.implied(Set.of(role)).stream()
                                  .anyMatch(each -> allowed.contains(each.word()))))
              .map(may -> may ? yes : no)
              .collect(Collectors.toList());
      rows.put(operation(method).operationId(), row);
    }
    return rows;
  }

  private static Stream<JavaMethod> operations() {
    return CLASSES.stream().flatMap(type -> type.getMethods().stream()).filter(OPERATIONS);
  }

  private static Operation operation(JavaMethod method) {
    return method.getAnnotationOfType(Operation.class);
  }

  @Test
  void resourcesFindServersJobsAndRecordsThroughWhatTheCallerMaySee() {
    noClasses()
        .that(simpleNameEndingWith("Resource"))
        .should()
        .callMethod(ServerAccess.class, "require", String.class)
        .orShould()
        .callMethod(ServerStore.class, "find", String.class)
        .orShould()
        .callMethod(ServerStore.class, "find", UUID.class)
        .orShould()
        .callMethod(ServerStore.class, "list", Map.class, String.class, int.class)
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(
            JobStore.class,
            JobEngine.class,
            CertificateRecordStore.class,
            CertificateInstallationStore.class,
            PostureStore.class)
        .check(CLASSES);
  }
}
