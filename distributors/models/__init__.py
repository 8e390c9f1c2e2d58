"""Distributors: who orders at its level's fee from a prepaid deposit, and the money they move."""

from distributors.models.applications import ShopApplication
from distributors.models.distributor import (
    BeforeReceipt,
    Distributor,
    DistributorQuerySet,
    DistributorState,
    Level,
)
from distributors.models.money import Recharge, RechargeState, Withdrawal, WithdrawalState

__all__ = [
    "BeforeReceipt",
    "Distributor",
    "DistributorQuerySet",
    "DistributorState",
    "Level",
    "Recharge",
    "RechargeState",
    "ShopApplication",
    "Withdrawal",
    "WithdrawalState",
]
