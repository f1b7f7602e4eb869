/** The OpenAPI document as a measure: what is sent and answered is held against it. */
@NullMarked
package dev.pgseal.contract;

import org.jspecify.annotations.NullMarked;
