/** Authorities and issuers by name, what they issue, and the records of it. */
@NullMarked
package dev.pgseal.issuing;

import org.jspecify.annotations.NullMarked;
