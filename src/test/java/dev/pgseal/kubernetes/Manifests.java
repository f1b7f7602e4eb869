package dev.pgseal.kubernetes;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Kubernetes objects read the way {@code kubectl apply --validate=strict} does: a field that the
 * model of its kind does not have is refused, and so is one that stands twice.
 */
public final class Manifests {

  /** The kinds that are in use, by {@code apiVersion/kind}; another one is refused. */
  private static final Map<String, Class<? extends HasMetadata>> KINDS =
      Map.of(
          "v1/Namespace", Namespace.class,
          "v1/Secret", Secret.class,
          "v1/Service", Service.class,
          "v1/ServiceAccount", ServiceAccount.class,
          "v1/PersistentVolumeClaim", PersistentVolumeClaim.class,
          "apps/v1/Deployment", Deployment.class,
          "apps/v1/StatefulSet", StatefulSet.class,
          "networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class,
          "policy/v1/PodDisruptionBudget", PodDisruptionBudget.class);

  private static final ObjectMapper STRICT =
      new ObjectMapper(new YAMLFactory())
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .setAnnotationIntrospector(new WithoutAdditionalProperties());

  private final List<HasMetadata> objects;

  private Manifests(List<HasMetadata> objects) {
    this.objects = objects;
  }

  /** Every object of a YAML text. */
  static Manifests parse(String yaml) throws IOException {
    List<HasMetadata> objects = new ArrayList<>();
    try (var documents = STRICT.readerFor(JsonNode.class).<JsonNode>readValues(yaml)) {
      while (documents.hasNextValue()) {
        objects.add(object(documents.nextValue()));
      }
    }
    return new Manifests(objects);
  }

  /** What an overlay of {@code k8s/overlays} renders to, as it lies in the test resources. */
  public static Manifests rendered(String overlay) {
    try {
      return parse(Files.readString(renderedFile(overlay)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path renderedFile(String overlay) {
    return Path.of("src/test/resources/kubernetes", overlay + ".yaml");
  }

  private static HasMetadata object(JsonNode node) throws IOException {
    String name = node.path("apiVersion").asText() + "/" + node.path("kind").asText();
    Class<? extends HasMetadata> kind = KINDS.get(name);
    if (kind == null) {
      throw new IOException("No model for " + name);
    }
    return STRICT.treeToValue(node, kind);
  }

  List<HasMetadata> all() {
    return objects;
  }

  <T extends HasMetadata> List<T> of(Class<T> kind) {
    return objects.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** The only one of its kind with that name. */
  <T extends HasMetadata> T one(Class<T> kind, String name) {
    List<T> found = of(kind).stream().filter(o -> o.getMetadata().getName().equals(name)).toList();
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " of " + kind.getSimpleName() + "/" + name);
    }
    return found.get(0);
  }

  List<Workload> workloads() {
    return Stream.concat(
            of(Deployment.class).stream()
                .map(d -> new Workload(d, d.getSpec().getSelector(), d.getSpec().getTemplate())),
            of(StatefulSet.class).stream()
                .map(s -> new Workload(s, s.getSpec().getSelector(), s.getSpec().getTemplate())))
        .toList();
  }

  /** The container that runs pgseal. */
  public Container service() {
    return one(Deployment.class, "pgseal").getSpec().getTemplate().getSpec().getContainers().get(0);
  }

  /** The variables of pgseal's container; those that come from a Secret are empty. */
  public Map<String, String> variables() {
    return service().getEnv().stream()
        .collect(
            Collectors.toMap(
                EnvVar::getName,
                variable -> variable.getValue() == null ? "" : variable.getValue(),
                (one, other) -> other,
                LinkedHashMap::new));
  }

  /** The models collect what they do not know; without that Jackson refuses it. */
  private static final class WithoutAdditionalProperties extends JacksonAnnotationIntrospector {

    private static final long serialVersionUID = 1;

    @Override
    public Boolean hasAnySetter(Annotated annotated) {
      return false;
    }
  }
}
