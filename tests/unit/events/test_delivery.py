"""What becomes of an event after a call: laws of the decision."""

from hypothesis import given
from hypothesis import strategies as st

from recyclic.events.delivery import Fate, Outcome, RetryPolicy, decide

policies = st.builds(
    RetryPolicy,
    max_attempts=st.integers(1, 2000),
    base_ms=st.floats(1, 10_000),
    factor=st.floats(1, 10),
    cap_ms=st.floats(1, 1e6),
)
chances = st.floats(0, 1, exclude_max=True)


@given(policies, st.integers(1, 3000), chances)
def test_a_failure_is_retried_until_the_limit(
    policy: RetryPolicy, attempt: int, chance: float
) -> None:
    """Below max_attempts there is a retry, from there on a dead letter; never anything else."""
    fate = decide(Outcome.FAILED, attempt, policy, chance).fate
    assert fate is (Fate.RETRY if attempt < policy.max_attempts else Fate.DEAD)


@given(policies, st.integers(1, 3000), chances)
def test_delays_keep_within_a_quarter_of_the_cap(
    policy: RetryPolicy, attempt: int, chance: float
) -> None:
    """However late the attempt: at least 1 ms, at most the cap and a quarter."""
    assert 1 <= policy.delay_ms(attempt, chance) <= max(1, policy.cap_ms * 1.25)


@given(policies, st.integers(1, 100), st.integers(1, 100))
def test_delays_grow(policy: RetryPolicy, one: int, other: int) -> None:
    """A later attempt never waits less, chance aside."""
    earlier, later = sorted((one, other))
    assert policy.delay_ms(earlier, 0.5) <= policy.delay_ms(later, 0.5)


def test_done_and_rejected_end_it() -> None:
    """Neither is ever repeated."""
    policy = RetryPolicy()
    assert decide(Outcome.DONE, 1, policy, 0.5).fate is Fate.DONE
    assert decide(Outcome.REJECTED, 1, policy, 0.5).fate is Fate.DEAD


def test_the_handlers_own_wish_replaces_the_delay_not_the_limit() -> None:
    """RetryLaterError cannot make an event immortal."""
    policy = RetryPolicy(max_attempts=2)
    assert decide(Outcome.FAILED, 1, policy, 0.5, 12_345).delay_ms == 12_345
    assert decide(Outcome.FAILED, 2, policy, 0.5, 12_345).fate is Fate.DEAD
