"""Who listens to what: shapes of load that every contestant is given alike."""

from dataclasses import dataclass
from typing import Literal

from tests.bench.plan import Plan

PersonRole = Literal["customer", "technician", "operator"]


@dataclass(frozen=True)
class Person:
    """Someone with an account. Operators hear every booking of the shape, the others those they are party to."""

    name: str
    role: PersonRole


@dataclass(frozen=True)
class Room:
    """A booking, and a room at the peers'."""

    name: str
    customer: Person
    technician: Person | None = None


@dataclass(frozen=True)
class Shape:
    """`sockets` in order, the first `publishers` publish; each socket is one device of its person."""

    name: str
    rooms: tuple[Room, ...]
    sockets: tuple[Person, ...]
    publishers: int

    def rooms_of(self, person: Person) -> tuple[Room, ...]:
        """What the person hears."""
        if person.role == "operator":
            return self.rooms
        return self._rooms_by_person().get(person, ())

    def _rooms_by_person(self) -> dict[Person, tuple[Room, ...]]:
        cached: dict[Person, tuple[Room, ...]] | None = self.__dict__.get("_by_person")
        if cached is None:
            gathered: dict[Person, list[Room]] = {}
            for room in self.rooms:
                for party in (room.customer, room.technician):
                    if party is not None:
                        gathered.setdefault(party, []).append(room)
            cached = {person: tuple(rooms) for person, rooms in gathered.items()}
            self.__dict__["_by_person"] = cached
        return cached


def _people(role: PersonRole, prefix: str, count: int) -> list[Person]:
    return [Person(f"{prefix}-{role}-{number}", role) for number in range(count)]


def writers(count: int = 16, rooms_each: int = 64) -> Shape:
    """Customers who write to bookings of their own, picked at random, and hear themselves only."""
    customers = _people("customer", "writers", count)
    rooms = tuple(Room(f"writers-{n}", customers[n % count]) for n in range(count * rooms_each))
    return Shape("writers", rooms, tuple(customers), count)


def one_booking(sockets: int) -> Shape:
    """One booking that many sockets follow: its customer, who writes, and operators at up to 50 accounts."""
    customer = Person("crowd-customer-0", "customer")
    operators = _people("operator", "desk", 50)
    followers = tuple(operators[number % len(operators)] for number in range(sockets - 1))
    return Shape("one booking", (Room("crowd-0", customer),), (customer, *followers), 1)


def burst_booking(sockets: int, publishers: int) -> Shape:
    """The same, written to from several of the customer's devices at once."""
    crowd = one_booking(sockets)
    customer = crowd.sockets[0]
    return Shape("bursts", crowd.rooms, (*[customer] * publishers, *crowd.sockets[publishers:]), publishers)


def many_rooms(rooms: int = 5000, rooms_each: int = 10) -> Shape:
    """Bookings with four subscribers each: customer and technician, two devices of each; all on `rooms_each` bookings.

    The customers' first devices write. 5,000 × 4 subscriptions travel over 2,000 sockets."""
    count = rooms // rooms_each
    customers, technicians = _people("customer", "rooms", count), _people("technician", "rooms", count)
    # technicians are spread, so that two bookings of one customer seldom share one
    made = tuple(
        Room(f"rooms-{n}", customers[n % count], technicians[n * 7 // rooms_each % count]) for n in range(rooms)
    )
    return Shape("many rooms", made, (*customers, *customers, *technicians, *technicians), count)


def two_people() -> Shape:
    """One customer writing to one technician."""
    customer, technician = Person("pair-customer-0", "customer"), Person("pair-technician-0", "technician")
    return Shape("two people", (Room("pair-0", customer, technician),), (customer, technician), 1)


def working_day(sockets: int = 1000, desk: int = 40) -> Shape:
    """Customers and technicians with a booking for each pair, and a desk of operators who see everything."""
    pairs = (sockets - desk) // 2
    customers, technicians = _people("customer", "day", pairs), _people("technician", "day", pairs)
    rooms = tuple(Room(f"day-{n}", customers[n], technicians[n]) for n in range(pairs))
    return Shape("working day", rooms, (*customers, *technicians, *_people("operator", "desk", desk)), pairs)


def idle_people(sockets: int) -> Shape:
    """Customers with one booking each, saying nothing."""
    customers = _people("customer", "idle", sockets)
    return Shape("idle", tuple(Room(f"idle-{n}", customers[n]) for n in range(sockets)), tuple(customers), 0)


def everybody(plan: Plan) -> list[Shape]:
    """All the shapes of a run, for those who must know their people beforehand."""
    rooms = many_rooms(plan.rooms)
    return [writers(), one_booking(1000), rooms, two_people(), working_day(), idle_people(plan.idle_sockets)]
