"""The demo: a country that was never there, played through the services' own use cases.

``scenario`` reads what the country is like, ``planning`` says who comes on a day, ``playing`` has
it happen through the use cases, ``live`` goes on over HTTP.
"""
