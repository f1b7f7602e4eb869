package dev.pgseal.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code k8s/overlays} renders to, by itself; {@code KubernetesIT} starts it. */
class ManifestsTest {

  /** Secrets and maps that whoever applies production makes beforehand (docs/operations.md). */
  private static final Set<String> GIVEN =
      Set.of("pgseal", "pgseal-keyset", "pgseal-tls", "pgseal-control-ca");

  @ParameterizedTest
  @ValueSource(strings = {"dev", "production"})
  void whatIsCommittedIsWhatKustomizeRenders(String overlay) throws Exception {
    Process kustomize;
    try {
      kustomize =
          new ProcessBuilder("kubectl", "kustomize", "k8s/overlays/" + overlay)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
    } catch (IOException e) {
      assumeTrue(false, "kubectl is not here");
      return;
    }
    String rendered = new String(kustomize.getInputStream().readAllBytes());

    assertThat(kustomize.waitFor()).isZero();
    assertThat(Manifests.renderedFile(overlay)).hasContent(rendered);
  }

  @Test
  void theBaseHasNoFieldThatKubernetesDoesNotKnow() throws IOException {
    List<Path> files;
    try (Stream<Path> base = Files.list(Path.of("k8s/base"))) {
      files = base.filter(file -> !file.endsWith("kustomization.yaml")).toList();
    }

    assertThat(files).hasSizeGreaterThan(5);
    for (Path file : files) {
      assertThat(Manifests.parse(Files.readString(file)).all()).as(file.toString()).isNotEmpty();
    }
  }

  @Test
  void aFieldThatKubernetesDoesNotKnowIsRefused() throws IOException {
    String service = Files.readString(Path.of("k8s/base/service.yaml"));

    assertThatThrownBy(() -> Manifests.parse(service.replace("targetPort", "targetport")))
        .hasMessageContaining("targetport");
    assertThatThrownBy(() -> Manifests.parse(service + "spec:\n  type: ClusterIP\n"))
        .hasMessageContaining("spec");
    assertThatThrownBy(() -> Manifests.parse(service.replace("kind: Service", "kind: Servise")))
        .hasMessageContaining("Servise");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev", "production"})
  void everyObjectIsNamedOnceAndLivesInTheNamespace(String overlay) {
    Manifests manifests = Manifests.rendered(overlay);
    Namespace namespace = manifests.of(Namespace.class).get(0);
    Set<String> names = new HashSet<>();

    for (HasMetadata object : manifests.all()) {
      assertThat(names.add(object.getKind() + "/" + object.getMetadata().getName())).isTrue();
      if (object != namespace) {
        assertThat(object.getMetadata().getNamespace())
            .isEqualTo(namespace.getMetadata().getName());
      }
    }
    assertThat(namespace.getMetadata().getLabels())
        .containsEntry("pod-security.kubernetes.io/enforce", "restricted");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev", "production"})
  void everySelectorFindsExactlyOneKindOfPod(String overlay) {
    Manifests manifests = Manifests.rendered(overlay);

    for (Workload workload : manifests.workloads()) {
      selects(manifests, workload.selector().getMatchLabels(), workload);
      workload
          .pod()
          .getTopologySpreadConstraints()
          .forEach(
              spread -> selects(manifests, spread.getLabelSelector().getMatchLabels(), workload));
    }
    for (Service service : manifests.of(Service.class)) {
      Workload workload = selected(manifests, service.getSpec().getSelector());
      service
          .getSpec()
          .getPorts()
          .forEach(port -> assertThat(workload.hasPort(port.getTargetPort())).isTrue());
    }
    for (PodDisruptionBudget budget : manifests.of(PodDisruptionBudget.class)) {
      assertThat(selected(manifests, budget.getSpec().getSelector().getMatchLabels()).name())
          .isEqualTo("pgseal");
    }
    for (StatefulSet set : manifests.of(StatefulSet.class)) {
      Service service = manifests.one(Service.class, set.getSpec().getServiceName());
      assertThat(selected(manifests, service.getSpec().getSelector()).name())
          .isEqualTo(set.getMetadata().getName());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev", "production"})
  void theNetworkPoliciesOpenThePortsThatPodsListenOn(String overlay) {
    Manifests manifests = Manifests.rendered(overlay);
    Set<String> covered = new HashSet<>();

    for (NetworkPolicy policy : manifests.of(NetworkPolicy.class)) {
      Workload workload = selected(manifests, policy.getSpec().getPodSelector().getMatchLabels());
      covered.add(workload.name());
      assertThat(policy.getSpec().getPolicyTypes()).contains("Ingress", "Egress");
      List<IntOrString> ports =
          policy.getSpec().getIngress().stream()
              .flatMap(rule -> rule.getPorts().stream())
              .map(NetworkPolicyPort::getPort)
              .toList();
      assertThat(ports).isNotEmpty().allMatch(workload::hasPort);
    }
    assertThat(covered)
        .isEqualTo(manifests.workloads().stream().map(Workload::name).collect(Collectors.toSet()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev", "production"})
  void everyProbeAsksAPortThatIsThere(String overlay) {
    for (Workload workload : Manifests.rendered(overlay).workloads()) {
      for (Container container : workload.pod().getContainers()) {
        assertThat(container.getReadinessProbe()).as(container.getName()).isNotNull();
        assertThat(container.getLivenessProbe()).as(container.getName()).isNotNull();
        Stream.of(
                container.getStartupProbe(),
                container.getReadinessProbe(),
                container.getLivenessProbe())
            .filter(probe -> probe != null && probe.getHttpGet() != null)
            .map(Probe::getHttpGet)
            .map(HTTPGetAction::getPort)
            .forEach(port -> assertThat(workload.hasPort(port)).isTrue());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev", "production"})
  void everySecretMapVolumeAndAccountThatIsNamedIsThere(String overlay) {
    Manifests manifests = Manifests.rendered(overlay);

    for (Workload workload : manifests.workloads()) {
      Set<String> volumes =
          workload.pod().getVolumes().stream().map(Volume::getName).collect(Collectors.toSet());
      if (workload.owner() instanceof StatefulSet set) {
        set.getSpec()
            .getVolumeClaimTemplates()
            .forEach(claim -> volumes.add(claim.getMetadata().getName()));
      }
      for (Container container : workload.containers()) {
        assertThat(container.getVolumeMounts())
            .extracting(VolumeMount::getName)
            .isSubsetOf(volumes);
        container.getEnv().stream()
            .filter(variable -> variable.getValueFrom() != null)
            .map(variable -> variable.getValueFrom().getSecretKeyRef())
            .forEach(key -> secret(manifests, overlay, key.getName(), key.getKey()));
      }
      for (Volume volume : workload.pod().getVolumes()) {
        if (volume.getSecret() != null) {
          assertThat(overlay).isEqualTo("production");
          assertThat(GIVEN).contains(volume.getSecret().getSecretName());
        }
        if (volume.getConfigMap() != null) {
          assertThat(GIVEN).contains(volume.getConfigMap().getName());
        }
        if (volume.getPersistentVolumeClaim() != null) {
          manifests.one(
              PersistentVolumeClaim.class, volume.getPersistentVolumeClaim().getClaimName());
        }
      }
      if (workload.pod().getServiceAccountName() != null) {
        manifests.one(ServiceAccount.class, workload.pod().getServiceAccountName());
      }
    }
  }

  /** The Pod Security Standard "restricted", and what it does not ask for. */
  @ParameterizedTest
  @ValueSource(strings = {"dev", "production"})
  void everyPodIsRestricted(String overlay) {
    for (Workload workload : Manifests.rendered(overlay).workloads()) {
      assertThat(workload.pod().getSecurityContext().getRunAsNonRoot()).isTrue();
      assertThat(workload.pod().getSecurityContext().getRunAsUser()).isPositive();
      assertThat(workload.pod().getSecurityContext().getSeccompProfile().getType())
          .isEqualTo("RuntimeDefault");
      assertThat(workload.pod().getAutomountServiceAccountToken()).isFalse();
      for (Container container : workload.containers()) {
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getSecurityContext().getCapabilities().getDrop())
            .containsExactly("ALL");
        assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
        assertThat(container.getResources().getLimits()).containsKey("memory");
        assertThat(container.getImage()).matches(".+:.+").doesNotEndWith(":latest");
      }
    }
  }

  @Test
  void productionHasReplicasOnOtherNodesAndNoPlainHttp() {
    Manifests production = Manifests.rendered("production");
    Workload pgseal = production.workloads().get(0);

    assertThat(pgseal.pod().getTopologySpreadConstraints())
        .anyMatch(
            spread ->
                spread.getTopologyKey().equals("kubernetes.io/hostname")
                    && spread.getWhenUnsatisfiable().equals("DoNotSchedule"));
    assertThat(production.variables())
        .containsKey("PGSEAL_HTTPS_CERTIFICATE_FILE") // with it there is no plain HTTP
        .doesNotContainKeys("QUARKUS_HTTP_INSECURE_REQUESTS", "PGSEAL_ACCEPT_PLAIN_HTTP");
    assertThat(production.variables().get("QUARKUS_DATASOURCE_JDBC_URL"))
        .contains("sslmode=verify-full")
        .contains("sslrootcert=/etc/pgseal-control-ca/ca.crt");
    assertThat(production.service().getPorts())
        .singleElement()
        .satisfies(
            port ->
                assertThat(port.getContainerPort())
                    .hasToString(production.variables().get("QUARKUS_HTTP_SSL_PORT")));
    assertThat(production.of(Secret.class)).isEmpty();
  }

  private static void secret(Manifests manifests, String overlay, String name, String key) {
    if (overlay.equals("dev")) {
      assertThat(manifests.one(Secret.class, name).getData()).containsKey(key);
    } else {
      assertThat(example(name)).containsKey(key);
    }
  }

  /** What the committed example says has to be in a Secret. */
  private static Map<String, String> example(String name) {
    try {
      return Manifests.parse(Files.readString(Path.of("k8s/base/secret.example.yaml")))
          .one(Secret.class, name)
          .getStringData();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void selects(Manifests manifests, Map<String, String> labels, Workload expected) {
    assertThat(selected(manifests, labels)).isEqualTo(expected);
  }

  private static Workload selected(Manifests manifests, Map<String, String> labels) {
    List<Workload> found =
        manifests.workloads().stream().filter(workload -> workload.matches(labels)).toList();
    assertThat(found).as("pods of " + labels).hasSize(1);
    return found.get(0);
  }
}
