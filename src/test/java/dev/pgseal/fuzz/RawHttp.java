package dev.pgseal.fuzz;

import dev.pgseal.contract.Answer;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * HTTP/1.1 (RFC 9112) over a socket, for requests that no client library lets through. Keeps its
 * connection as long as the service does.
 */
final class RawHttp implements AutoCloseable {

  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final URI service;
  private Socket socket;
  private InputStream in;

  RawHttp(URI service) {
    this.service = service;
  }

  /**
   * @throws java.net.SocketTimeoutException when nothing comes for 30 s
   */
  Answer send(FuzzRequest request) throws IOException {
    boolean fresh = socket == null;
    try {
      return exchange(request);
    } catch (EOFException | java.net.SocketException e) {
      close();
      if (fresh) {
        throw e;
      }
      // a kept connection may have been closed meanwhile
      return exchange(request);
    }
  }

  private Answer exchange(FuzzRequest request) throws IOException {
    if (socket == null) {
      socket = new Socket();
      socket.connect(new InetSocketAddress(service.getHost(), service.getPort()), 5_000);
      socket.setSoTimeout((int) LONGEST.toMillis());
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
    }
    StringBuilder head = new StringBuilder();
    head.append(request.operation().method()).append(' ').append(request.target());
    head.append(" HTTP/1.1\r\nHost: ").append(service.getAuthority()).append("\r\n");
    request.headers().forEach(line -> head.append(line).append("\r\n"));
    if (request.body().length > 0 || request.operation().changes()) {
      head.append("Content-Length: ").append(request.body().length).append("\r\n");
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    all.write(request.body());
    socket.getOutputStream().write(all.toByteArray());
    return read();
  }

  private Answer read() throws IOException {
    String status = line();
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int code = Integer.parseInt(status.split(" ")[1]);
    byte[] body = body(code, headers);
    if ("close".equalsIgnoreCase(headers.get("connection"))) {
      close();
    }
    return new Answer(
        code, headers.getOrDefault("content-type", ""), new String(body, StandardCharsets.UTF_8));
  }

  private byte[] body(int code, Map<String, String> headers) throws IOException {
    if (code == 204) {
      return new byte[0];
    }
    if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int size = chunkSize(); size > 0; size = chunkSize()) {
        all.write(exactly(size));
        line();
      }
      line();
      return all.toByteArray();
    }
    return exactly(Integer.parseInt(headers.getOrDefault("content-length", "0")));
  }

  private int chunkSize() throws IOException {
    return Integer.parseInt(line().strip(), 16);
  }

  private byte[] exactly(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("the body ended after " + bytes.length + " of " + length + " bytes");
    }
    return bytes;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the connection ended within the head of the answer");
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  @Override
  public void close() {
    if (socket != null) {
      try {
        socket.close();
      } catch (IOException e) {
        // it is gone either way
      }
      socket = null;
    }
  }
}
