"""Consumers of the demo: names, places and words that are nobody's."""

import random

from orders.requests import Consignee

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = (
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超",
    "秀兰", "霞", "平", "刚", "桂英", "子涵", "浩然", "欣怡", "梓萱", "宇轩", "雨桐", "佳怡", "思远",
    "晓东", "建华", "志强", "美玲", "文博", "诗涵",
)  # fmt: skip
PLACES = (
    ("广东省", "深圳市", "南山区"),
    ("广东省", "广州市", "天河区"),
    ("广东省", "佛山市", "顺德区"),
    ("广东省", "东莞市", "松山湖"),
    ("浙江省", "杭州市", "西湖区"),
    ("浙江省", "宁波市", "鄞州区"),
    ("浙江省", "金华市", "义乌市"),
    ("江苏省", "南京市", "鼓楼区"),
    ("江苏省", "苏州市", "工业园区"),
    ("江苏省", "无锡市", "梁溪区"),
    ("上海市", "上海市", "浦东新区"),
    ("上海市", "上海市", "徐汇区"),
    ("北京市", "北京市", "朝阳区"),
    ("北京市", "北京市", "海淀区"),
    ("山东省", "青岛市", "市南区"),
    ("山东省", "济南市", "历下区"),
    ("四川省", "成都市", "锦江区"),
    ("四川省", "绵阳市", "涪城区"),
    ("湖北省", "武汉市", "洪山区"),
    ("湖南省", "长沙市", "岳麓区"),
    ("河南省", "郑州市", "金水区"),
    ("河北省", "石家庄市", "长安区"),
    ("陕西省", "西安市", "雁塔区"),
    ("重庆市", "重庆市", "渝北区"),
    ("福建省", "厦门市", "思明区"),
    ("福建省", "福州市", "仓山区"),
    ("安徽省", "合肥市", "蜀山区"),
    ("江西省", "南昌市", "红谷滩区"),
    ("辽宁省", "大连市", "中山区"),
    ("天津市", "天津市", "和平区"),
    ("云南省", "昆明市", "五华区"),
    ("广西壮族自治区", "南宁市", "青秀区"),
    ("新疆维吾尔自治区", "乌鲁木齐市", "天山区"),
)
# The last of the places is one that fresh food is not shipped to.
COMMON_PLACES = len(PLACES) - 1
ROADS = (
    "人民路", "中山路", "解放路", "建设大道", "文化路", "和平街", "光明路", "学府路", "滨河路",
    "创业大道", "新华路", "长江路",
)  # fmt: skip
ESTATES = (
    "阳光花园", "翠湖家园", "金色家苑", "书香名邸", "锦绣城", "幸福里", "绿地新苑", "梧桐公馆",
)  # fmt: skip
REMARKS = ("", "", "", "", "", "工作日送货", "请放快递柜", "送货前电话联系", "周末配送", "放门卫处")


def someone(chance: random.Random) -> Consignee:
    """Return a consignee; the telephone numbers are given to nobody."""
    rare = chance.random() < 0.01
    province, city, district = PLACES[-1] if rare else PLACES[chance.randrange(COMMON_PLACES)]
    name = chance.choice(SURNAMES) + chance.choice(GIVEN)
    road, estate = chance.choice(ROADS), chance.choice(ESTATES)
    home = f"{chance.randint(1, 28)}栋{chance.randint(1, 3)}单元{chance.randint(101, 2603)}室"
    return Consignee(
        name=name,
        phone=f"1380000{chance.randrange(10_000):04d}",
        province=province,
        city=city,
        district=district,
        detail=f"{road}{chance.randint(1, 399)}号{estate}{home}",
    )


def remark(chance: random.Random) -> str:
    """Return what a consumer asks for, mostly nothing."""
    return chance.choice(REMARKS)
