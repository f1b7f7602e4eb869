/** Managed servers: identity, address, credentials, labels, and who is changing one just now. */
@NullMarked
package dev.pgseal.server;

import org.jspecify.annotations.NullMarked;
