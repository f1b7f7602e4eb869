package dev.pgseal.bench;

import dev.pgseal.hba.ConnectionAttempt;
import dev.pgseal.hba.HbaDecision;
import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaMatcher;
import dev.pgseal.hba.Transport;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Reading a pg_hba.conf, and deciding by it in the worst case: the last rule is the one. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class HbaBenchmark {

  @Param({"10", "1000", "100000"})
  public int rules;

  private byte[] content = {};
  private HbaDocument document = HbaDocument.parse(HbaRules.file(1), HbaRules.MAJOR);
  private ConnectionAttempt attempt = attempt();

  @Setup
  public void prepare() {
    content = HbaRules.file(rules);
    document = HbaDocument.parse(content, HbaRules.MAJOR);
    attempt = attempt();
  }

  @Benchmark
  public HbaDocument parse() {
    return HbaDocument.parse(content, HbaRules.MAJOR);
  }

  @Benchmark
  public HbaDecision evaluate() {
    return HbaMatcher.decide(document, attempt);
  }

  static ConnectionAttempt attempt() {
    try {
      return ConnectionAttempt.tcp(
              InetAddress.getByName("192.0.2.1"), Transport.TLS, "postgres", "somebody")
          .withMembership(role -> false);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
