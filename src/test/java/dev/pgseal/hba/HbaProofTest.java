package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HbaProofTest {

  private static List<PlaintextDoor> doors(String file) {
    return HbaProof.plaintextDoors(Hba.document(file + "\n"), ProofOptions.STRICT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "local all all trust",
        "hostssl all all all trust",
        "hostgssenc all all all trust",
        "host all,replication all all reject\nhost all all all trust\nhost replication all all trust",
        "hostnossl all all all reject\nhost all all all md5",
        "host all all 0.0.0.0/0 reject\nhost all all ::/0 reject\nhost all all all trust",
        "host all all 10.0.0.0/9 reject\nhost all all 10.128.0.0/9 reject\nhost db u 10.0.0.0/8 md5",
        "host all u all reject\nhost db u all md5",
        "host db all all reject\nhost db +grp all md5",
        "host all all all reject\nhost all all samenet md5\nhost all all .example.com md5",
        "host \"\" all all trust",
        "host all all 10.0.0.5 255.0.255.255 reject\nhost all all 10.9.0.5/32 trust",
        "host /^x all all reject\nhost /^x a all md5",
        "host all all ::ffff:10.0.0.1/120 trust",
      })
  void plaintextIsShutOut(String file) {
    assertThat(doors(file)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host all all all trust",
        "hostnossl all all all trust",
        "hostnogssenc all all all trust",
        "hostnossl all all all reject\nhost replication all all trust",
        "host replication all all reject\nhost all all all trust",
        "host all all 0.0.0.0/0 reject\nhost all all all trust",
        "host all all 10.0.0.0/9 reject\nhost db u 10.0.0.0/8 md5",
        "host all u all reject\nhost all all all md5",
        "host db all all reject\nhost all u all md5",
        "host sameuser all all reject\nhost all u all md5",
        "host all \"all\" all reject\nhost all all all md5",
        "hostssl all all all reject\nhost all all all md5",
        "host /x all all md5",
        "host samerole +grp all md5",
      })
  void anOpenDoorIsShownWithAWitnessThatTheMatcherConfirms(String file) {
    assertThat(doors(file))
        .singleElement()
        .satisfies(
            door -> {
              assertThat(door.confirmed()).isTrue();
              assertThat(door.line()).isEqualTo((int) file.lines().count());
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host all all samehost reject\nhost all all samehost md5",
        "host all all .example.com reject\nhost all all .example.com md5",
        "host all all 10.0.0.5 255.0.0.255 reject\nhost all all 10.9.9.5/32 trust",
        "host all +a all reject\nhost all u all md5",
        "host all /(a)\\1 all reject\nhost all aa all md5",
        "include x.conf",
      })
  void whatCannotBeKnownIsADoor(String file) {
    assertThat(doors(file)).isNotEmpty();
  }

  @Test
  void ordinaryAndReplicationLoginsAreTwoDoors() {
    assertThat(doors("host all,replication all all md5"))
        .extracting(PlaintextDoor::physicalReplication)
        .containsExactly(false, true);
  }

  @Test
  void anEarlierAdmittingRuleIsTheDoorNotTheOneItShadows() {
    assertThat(doors("host all all all md5\nhost all u 10.0.0.0/8 trust"))
        .extracting(PlaintextDoor::line)
        .containsExactly(1);
  }

  @Test
  void aDoorSaysWhereItIs() {
    PlaintextDoor door = doors("host all all 10.0.0.0/9 reject\nhost db u 10.0.0.0/8 md5").get(0);
    assertThat(door.description())
        .isEqualTo(
            "pg_hba.conf:2 admits plaintext for database db, user u,"
                + " from 10.128.0.0 - 10.255.255.255");
  }

  @Test
  void manyRulesAreProvedInTime() {
    var file = new StringBuilder();
    for (int i = 0; i < 50_000; i++) {
      file.append("host all u").append(i).append(" 10.0.0.0/8 reject\n");
    }
    file.append("hostnossl all all all reject\nhost all all all md5\n");
    assertThat(doors(file.toString())).isEmpty();
  }
}
