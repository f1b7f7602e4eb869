/** The manifests of k8s/ against the Kubernetes models, each other and the packaged service. */
@NullMarked
package dev.pgseal.kubernetes;

import org.jspecify.annotations.NullMarked;
