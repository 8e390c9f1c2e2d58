"""Who takes steps, in words."""

from config.machines.reading import Words

WHO: dict[str, Words] = {
    "distributor": Words("分销商", "distributor"),
    "platform": Words("平台", "platform"),
    "source": Words("货源", "source"),
    "supplier": Words("供货商", "supplier"),
    "applicant": Words("申请人", "applicant"),
    "company": Words("公司自己", "the company itself"),
    "person": Words("受邀人", "whoever was invited"),
    "carrier": Words("快递", "carrier"),
    "timer": Words("定时任务", "timer"),
}
