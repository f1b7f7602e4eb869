package dev.pgseal.demo;

import dev.pgseal.embedded.DirectoryTree;
import dev.pgseal.embedded.Playground;
import dev.pgseal.embedded.PostgresBinaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;

/**
 * The demonstration, {@code ./mvnw -Pdemo}: starts the packaged service and a playground with busy
 * clients, takes the playground to enforced TLS and back through the REST API alone, and proves the
 * outcome with eyes of its own.
 *
 * <p>System properties: {@code demo.application}, the {@code quarkus-run.jar}; {@code
 * demo.keep=true} leaves everything running until Ctrl-C. Exit status 0 says that all was proved.
 */
public final class Demo {

  private final Screen screen = new Screen(System.out);
  private final Deque<AutoCloseable> running = new ArrayDeque<>();
  private final Path directory;
  private volatile boolean closed;
  private volatile boolean failed;

  private Demo(Path directory) {
    this.directory = directory;
  }

  public static void main(String... arguments) throws IOException {
    Demo demo = new Demo(Files.createTempDirectory("pgseal-demo-"));
    Runtime.getRuntime().addShutdownHook(new Thread(demo::close, "demo-cleanup"));
    System.exit(demo.run() ? 0 : 1);
  }

  private boolean run() {
    try {
      Script script = setUp();
      boolean proved = script.play();
      if (Boolean.getBoolean("demo.keep")) {
        script.explainHowToGoOn();
        new CountDownLatch(1).await();
      }
      return proved;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (Exception e) {
      if (!closed) {
        failed = true;
        screen.heading("The demonstration failed");
        screen.bad(e.getMessage() == null ? e.toString() : e.getMessage());
        screen.line("The logs are kept in " + directory);
      }
      return false;
    }
  }

  private Script setUp() throws Exception {
    String application =
        System.getProperty("demo.application", "target/quarkus-app/quarkus-run.jar");
    PostgresBinaries binaries =
        PostgresBinaries.fromClasspath(PostgresBinaries.userCache())
            .orElseThrow(
                () -> new DemoFailure("There are no PostgreSQL binaries on the classpath"));
    screen.heading("Setting the scene");
    // in this order, so that the service is ended before what it works on
    Playground playground = track(Playground.start(binaries, directory.resolve("playground")));
    ServiceProcess service =
        track(ServiceProcess.start(Path.of(application), directory.resolve("service"), binaries));
    BusyClients clients = track(BusyClients.start(playground));
    clients.awaitProgress();
    screen.line(
        "a primary on port %d and its streaming standby on port %d, both PostgreSQL 18 without TLS"
            .formatted(playground.primary().port(), playground.standby().port()));
    screen.line(
        "4 clients that write to the primary and 2 that read on the standby, without pause");
    PgsealClient client = new PgsealClient(service.address());
    service.awaitReady(client);
    client.authenticate(Files.readString(service.tokenFile()).strip());
    screen.line("pgseal on " + service.address() + ", with a control database of its own");
    return new Script(screen, client, service, playground, clients, directory);
  }

  private <T extends AutoCloseable> T track(T started) throws Exception {
    synchronized (running) {
      if (!closed) {
        running.push(started);
        return started;
      }
    }
    started.close();
    throw new DemoFailure("The demonstration was ended");
  }

  /** Ends what was started, the last first: at the end, on failure and on Ctrl-C. */
  private void close() {
    synchronized (running) {
      closed = true;
      while (!running.isEmpty()) {
        try {
          running.pop().close();
        } catch (Exception e) {
          screen.bad("clearing up: " + e.getMessage());
        }
      }
    }
    try {
      if (!failed) {
        DirectoryTree.delete(directory);
      }
    } catch (IOException e) {
      screen.bad("clearing up " + directory + ": " + e.getMessage());
    }
  }
}
