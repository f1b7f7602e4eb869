package dev.pgseal.job;

import java.util.List;
import javax.sql.DataSource;

/** A replica's engine, for tests of handlers in other packages. */
public final class TestEngine implements AutoCloseable {

  private final DbSchedulerJobEngine engine;

  public TestEngine(DataSource dataSource, JobStore store, List<JobHandler> handlers) {
    engine = new DbSchedulerJobEngine(dataSource, store, handlers);
    engine.start();
  }

  public JobEngine engine() {
    return engine;
  }

  @Override
  public void close() {
    engine.stop();
  }
}
