package dev.pgseal.testing;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Volume;
import com.sun.security.auth.module.UnixSystem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.testcontainers.containers.GenericContainer;

/**
 * One program of an image, among the addresses and processes of the host, as the user who runs the
 * tests, with one directory of the host under the same path: addresses, sockets, pids, files, their
 * owners and modes are what they are for an embedded server.
 *
 * <p>PostgreSQL refuses to run as root. For root it runs through {@code unshare -U}, as {@code
 * dev.pgseal.embedded.ChildCommand} does it; the seccomp profile of Docker would forbid that.
 */
final class PostgresContainer extends GenericContainer<PostgresContainer> {

  /** Has the directory, so that a later run finds what a killed one left. */
  static final String DIRECTORY_LABEL = "dev.pgseal.test-directory";

  /**
   * @param command found on the image's PATH
   */
  PostgresContainer(String image, Path directory, List<String> command) {
    super(image);
    withNetworkMode("host");
    withLabel(DIRECTORY_LABEL, directory.toString());
    withCreateContainerCmdModifier(create -> configure(create, directory, command));
  }

  private static void configure(CreateContainerCmd create, Path directory, List<String> command) {
    UnixSystem user = new UnixSystem();
    HostConfig host = create.getHostConfig();
    List<Bind> binds = new ArrayList<>(List.of(bind(directory.toString(), AccessMode.rw)));
    List<String> whole = new ArrayList<>();
    if (user.getUid() == 0) {
      whole.addAll(List.of("unshare", "-U"));
      host.withSecurityOpts(List.of("seccomp=unconfined"));
    } else {
      // initdb asks for the name of its user
      binds.add(bind("/etc/passwd", AccessMode.ro));
    }
    whole.addAll(command);
    host.withBinds(binds).withPidMode("host");
    create.withUser(user.getUid() + ":" + user.getGid());
    create.withEnv(Stream.of("LC_ALL=C").toList());
    create.withEntrypoint(whole.toArray(String[]::new)).withCmd();
  }

  private static Bind bind(String path, AccessMode mode) {
    return new Bind(path, new Volume(path), mode);
  }
}
