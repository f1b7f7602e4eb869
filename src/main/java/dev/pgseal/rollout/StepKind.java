package dev.pgseal.rollout;

/** What a step of a rollout does to its server. */
public enum StepKind {
  PREFLIGHT,
  INSTALL_CERTIFICATE,
  ENABLE_SSL,
  SECURE_REPLICATION,
  OBSERVE_SESSIONS,
  CONVERT_RULES,
  DRAIN,
  PROVE_ENFORCED,
  PROVE_OFFERED,
  RELAX_RULES,
  RELEASE_REPLICATION,
  DISABLE_SSL,
  PROVE_DISABLED
}
