package dev.pgseal.it;

import java.io.IOException;
import java.net.Socket;

/** Two connections that are one for those at their ends. */
final class Tunnel {

  private Tunnel() {}

  /** Returns when both have sent all. */
  static void join(Socket client, Socket server) {
    Thread back = start(() -> pump(server, client));
    pump(client, server);
    try {
      back.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void pump(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      // the other direction notices too
    }
  }

  static Thread start(Runnable task) {
    Thread thread = new Thread(task, "tunnel");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }
}
