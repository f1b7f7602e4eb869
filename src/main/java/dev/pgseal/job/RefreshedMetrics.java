package dev.pgseal.job;

import java.time.Duration;

/** Metrics that are read from the control database now and then; one CDI bean per kind. */
public interface RefreshedMetrics {

  /** For people, such as {@code jobs}. */
  String name();

  /** From the end of one refresh to the begin of the next. */
  Duration interval();

  /** What it throws is logged; the next refresh comes as planned. */
  void refresh();
}
