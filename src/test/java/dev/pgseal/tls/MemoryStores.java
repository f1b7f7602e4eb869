package dev.pgseal.tls;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.issuing.AuthorityKind;
import dev.pgseal.issuing.AuthorityStore;
import dev.pgseal.issuing.CertificateInstallation;
import dev.pgseal.issuing.CertificateInstallationStore;
import dev.pgseal.issuing.CertificateQuery;
import dev.pgseal.issuing.CertificateRecord;
import dev.pgseal.issuing.CertificateRecordStore;
import dev.pgseal.issuing.StoredAuthority;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.LoginTarget;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerLocks;
import dev.pgseal.server.ServerStore;
import dev.pgseal.server.TlsMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The ports of the control database, in memory. */
public final class MemoryStores {

  public final Servers servers = new Servers();
  public final Locks locks = new Locks();
  public final AuthoritiesInMemory authorities = new AuthoritiesInMemory();
  public final Certificates certificates = new Certificates();
  public final Installations installations = new Installations();
  public final Writes writes = new Writes();
  public final HbaRevisionStore revisions = new Revisions(writes);
  public final ExemptionStore exemptions = new Exemptions();

  /** As if somebody had deleted them. */
  public void forgetAuthorities() {
    authorities.byName.clear();
    authorities.keys.clear();
  }

  public static final class Servers implements ServerStore {
    private final Map<String, ManagedServer> byName = new TreeMap<>();
    private final Map<UUID, String> passwords = new ConcurrentHashMap<>();

    @Override
    public void insert(ManagedServer server, String password) {
      byName.put(server.name(), server);
      passwords.put(server.id(), password);
    }

    @Override
    public Optional<ManagedServer> find(String name) {
      return Optional.ofNullable(byName.get(name));
    }

    @Override
    public Optional<ManagedServer> find(UUID id) {
      return byName.values().stream().filter(s -> s.id().equals(id)).findFirst();
    }

    @Override
    public List<ManagedServer> list(
        Map<String, String> labels, @Nullable String afterName, int limit) {
      return List.copyOf(byName.values());
    }

    @Override
    public ManagedServer update(ManagedServer server, @Nullable String password) {
      byName.put(server.name(), server);
      return server;
    }

    @Override
    public void setDesiredMode(UUID id, TlsMode mode) {}

    @Override
    public boolean delete(UUID id) {
      return byName.values().removeIf(s -> s.id().equals(id));
    }

    @Override
    public LoginTarget login(ManagedServer server) {
      return server.login(passwords.get(server.id()));
    }
  }

  public static final class Locks implements ServerLocks {
    private final Map<UUID, String> held = new ConcurrentHashMap<>();

    @Override
    public Held acquire(UUID serverId, String owner, String operation) {
      String holder = held.putIfAbsent(serverId, owner);
      if (holder != null && !holder.equals(owner)) {
        throw new PgsealException(ProblemType.OPERATION_IN_PROGRESS, "held by " + holder)
            .with("holder", holder);
      }
      return () -> held.remove(serverId, owner);
    }
  }

  public static final class AuthoritiesInMemory implements AuthorityStore {
    private final Map<String, StoredAuthority> byName = new TreeMap<>();
    private final Map<String, byte[]> keys = new TreeMap<>();

    @Override
    public StoredAuthority insert(StoredAuthority authority, byte[] secret) {
      byName.put(authority.name(), authority);
      keys.put(authority.name(), secret.clone());
      return authority;
    }

    @Override
    public StoredAuthority complete(String name, String certificateChain) {
      StoredAuthority pending = byName.get(name);
      StoredAuthority active =
          StoredAuthority.active(
              name,
              AuthorityKind.INTERMEDIATE,
              null,
              certificateChain,
              pending.keyType(),
              pending.policy(),
              pending.accepted(),
              pending.createdAt());
      byName.put(name, active);
      return active;
    }

    @Override
    public Optional<StoredAuthority> find(String name) {
      return Optional.ofNullable(byName.get(name));
    }

    @Override
    public List<StoredAuthority> list(@Nullable String afterName, int limit) {
      return List.copyOf(byName.values());
    }

    @Override
    public byte[] secret(String name) {
      return keys.get(name).clone();
    }
  }

  /** Nothing is being rotated. */
  public static final class NoRotations implements AuthorityRotationStore {
    @Override
    public void begin(String authority, String chain, String keyType, byte[] privateKey) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Other> find(String authority) {
      return Optional.empty();
    }

    @Override
    public byte[] privateKey(String authority) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void swap(String authority, boolean promoted) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void end(String authority) {}
  }

  public static final class Certificates implements CertificateRecordStore {
    public final List<CertificateRecord> records = new ArrayList<>();

    @Override
    public void insert(CertificateRecord certificate) {
      records.add(0, certificate);
    }

    @Override
    public Optional<CertificateRecord> find(UUID id) {
      return records.stream().filter(r -> r.id().equals(id)).findFirst();
    }

    @Override
    public Optional<CertificateRecord> findByFingerprint(String fingerprint) {
      return records.stream().filter(r -> r.fingerprint().equals(fingerprint)).findFirst();
    }

    @Override
    public List<CertificateRecord> list(
        CertificateQuery query, @Nullable UUID beforeId, int limit) {
      return List.copyOf(records);
    }
  }

  public static final class Installations implements CertificateInstallationStore {
    public final List<CertificateInstallation> all = new ArrayList<>();

    @Override
    public void insert(CertificateInstallation installation) {
      all.add(0, installation);
    }

    @Override
    public void keepOnly(UUID serverId, Set<String> generations) {
      all.removeIf(i -> i.serverId().equals(serverId) && !generations.contains(i.generation()));
    }

    @Override
    public List<CertificateInstallation> of(Collection<UUID> certificateIds) {
      return all.stream().filter(i -> certificateIds.contains(i.certificateId())).toList();
    }
  }

  public static final class Exemptions implements ExemptionStore {
    private final Map<UUID, Set<Exemption>> all = new ConcurrentHashMap<>();

    @Override
    public Set<Exemption> of(UUID serverId) {
      return all.getOrDefault(serverId, Set.of());
    }

    @Override
    public void set(UUID serverId, Set<Exemption> exemptions) {
      all.put(serverId, exemptions);
    }
  }

  public static final class Writes implements HbaWrites {
    private final Map<UUID, HbaWrite> begun = new ConcurrentHashMap<>();

    @Override
    public void begin(HbaWrite write) {
      begun.put(write.serverId(), write);
    }

    @Override
    public Optional<HbaWrite> find(UUID serverId) {
      return Optional.ofNullable(begun.get(serverId));
    }

    @Override
    public void forget(UUID serverId) {
      begun.remove(serverId);
    }
  }

  public static final class Revisions implements HbaRevisionStore {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private final Writes writes;
    private final List<HbaRevision> newestFirst = new ArrayList<>();
    private final Map<UUID, HbaTree> trees = new ConcurrentHashMap<>();

    Revisions(Writes writes) {
      this.writes = writes;
    }

    @Override
    public HbaRevision append(UUID serverId, HbaTree tree, HbaNote note, List<String> files) {
      writes.forget(serverId);
      HbaRevision revision =
          new HbaRevision(
              UUID.randomUUID(),
              serverId,
              list(serverId, null, Integer.MAX_VALUE).size() + 1,
              note.author(),
              Instant.now(),
              tree.tag(),
              note.kind(),
              note.summary(),
              note.edits().stream().map(edit -> JSON.convertValue(edit, OBJECT)).toList(),
              files,
              note.restores());
      newestFirst.add(0, revision);
      trees.put(revision.id(), tree);
      return revision;
    }

    @Override
    public Optional<String> idleMark(UUID serverId) {
      return writes.find(serverId).isPresent()
          ? Optional.empty()
          : Optional.of(Integer.toString(newestFirst.size()));
    }

    @Override
    public void appendFound(
        UUID serverId, HbaTree tree, HbaNote note, List<String> files, String idleMark) {
      if (idleMark(serverId).equals(Optional.of(idleMark))) {
        append(serverId, tree, note, files);
      }
    }

    @Override
    public List<HbaRevision> list(UUID serverId, @Nullable Integer beforeNumber, int limit) {
      return newestFirst.stream()
          .filter(r -> r.serverId().equals(serverId))
          .filter(r -> beforeNumber == null || r.number() < beforeNumber)
          .limit(limit)
          .toList();
    }

    @Override
    public Optional<HbaRevision> find(UUID serverId, int number) {
      return list(serverId, null, Integer.MAX_VALUE).stream()
          .filter(r -> r.number() == number)
          .findFirst();
    }

    @Override
    public HbaTree tree(HbaRevision revision) {
      return trees.get(revision.id());
    }
  }
}
